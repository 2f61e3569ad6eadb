// How long calls wait for their answer without the event loop.
import { afterEach, expect, test } from 'vitest';
import { Wait } from '../src/sandbox/wait.ts';

/** Until what earlier calls took of the event loop's turn is forgotten. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
afterEach(nextTurn);

test('short calls are waited for, long ones are left to the event loop, and one long call changes little', () => {
  const wait = new Wait();
  expect(wait.budgetUs()).toBeGreaterThan(0);
  wait.learn(5_000_000, 0);
  expect(wait.budgetUs()).toBeGreaterThan(0);
  for (let call = 0; call < 5; call++) wait.learn(5_000, 0);
  expect(wait.budgetUs()).toBe(0);
  for (let call = 0; call < 20; call++) wait.learn(20, 0);
  expect(wait.budgetUs()).toBeGreaterThan(0);
});

test('a call that asks the host again and again is waited for, however long it is altogether', () => {
  const wait = new Wait();
  for (let call = 0; call < 20; call++) wait.learn(5_000, 999);
  expect(wait.budgetUs()).toBeGreaterThan(0);
  for (let call = 0; call < 20; call++) wait.learn(5_000, 1);
  expect(wait.budgetUs()).toBe(0);
});

test('a wait is never longer than a bound', () => {
  const wait = new Wait();
  for (let call = 0; call < 50; call++) wait.learn(199, 0);
  expect(wait.budgetUs()).toBeLessThanOrEqual(300);
});

test('one turn of the event loop loses no more than a bound to all waits together', async () => {
  const [one, other] = [new Wait(), new Wait()];
  for (let call = 0; call < 100; call++) one.answered(30, 0);
  expect(other.budgetUs()).toBe(0);
  await nextTurn();
  expect(other.budgetUs()).toBeGreaterThan(0);
});

test('where there is one core only, nobody waits: the VM needs it', () => {
  expect(new Wait(1).budgetUs()).toBe(0);
  expect(new Wait(2).budgetUs()).toBeGreaterThan(0);
});

test('host calls in place end with the wait of their call', async () => {
  const wait = new Wait();
  const call = { waitUs: 0, hostCallsInPlace: 0, waitEndsMs: 0 };
  expect(wait.leftUs(call)).toBe(0);
  wait.begin(call);
  expect(wait.leftUs(call)).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (let hostCall = 0; hostCall < 8; hostCall++) wait.leftUs(call);
  expect(wait.leftUs(call)).toBe(0);
});

test('waits that host calls in place have used up count like others', async () => {
  const [wait, other] = [new Wait(), new Wait()];
  for (let stretch = 0; stretch < 7; stretch++) {
    const call = { waitUs: 0, hostCallsInPlace: 0, waitEndsMs: 0 };
    wait.begin(call);
    wait.leftUs(call);
    call.waitEndsMs = 0;
    for (let hostCall = 0; hostCall < 8; hostCall++) wait.leftUs(call);
  }
  expect(other.budgetUs()).toBe(0);
  await nextTurn();
  expect(other.budgetUs()).toBeGreaterThan(0);
});

test('short calls in many turns add up, and are forgotten with the turn in which they did', async () => {
  const wait = new Wait();
  for (let call = 0; call < 1_000; call++) wait.answered(1, 0);
  expect(wait.budgetUs()).toBe(0);
  await nextTurn();
  expect(wait.budgetUs()).toBeGreaterThan(0);
});
