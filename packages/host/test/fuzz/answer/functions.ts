// Owns the functions of the component that the hostile guest poses as (test/components/wat/answer.wat), as shapes.
import * as as from './shapes.ts';

/** What the host lends and gives. */
export class Thing {}

/** A handle is a number, which may mean something or not. */
const handle = (is: as.Shape['is']): as.Shape => ({
  lay: (wire, input) => void wire.u32(input.below(4)),
  read: (source) => source.u32(),
  is,
});

const thing = handle((value) => value instanceof Thing);

const colour = as.enumeration('red', 'green', 'blue');
const person = as.record({
  firstName: as.string,
  age: as.u8,
  balance: as.s64,
  isMember: as.bool,
  favourite: as.option(colour),
});
const shape = as.variant({
  dot: undefined,
  circle: as.f32,
  label: as.string,
  path: as.list(as.tuple(as.s32, as.s32)),
  of: person,
});
const numbers = as.tuple(
  ...[as.u8, as.s8, as.u16, as.s16, as.u32, as.s32, as.u64, as.s64],
  ...[as.f32, as.f64],
);
const bytes = as.array(Uint8Array);
const doubles = as.array(Float64Array);
const texts = as.list(as.string);
const letters = as.list(as.char);
const nested = as.list(as.list(bytes));
const people = as.list(person);
const shapes = as.list(shape);
const access = as.flags(1, 'read', 'write', 'append');
const wide = as.flags(4, ...Array.from({ length: 20 }, (_, index) => `f${index}`));
const maybeMaybe = as.option(as.option(as.string));
const results = as.list(as.variant({ ok: as.u32, err: as.string }));
const either = as.variant({ ok: as.u64, err: shape });

export interface Answering {
  readonly name: string;
  /** None: it returns nothing. */
  readonly result: as.Shape | undefined;
  /** The result is a WIT `result`: its err case is thrown. */
  readonly throws: boolean;
  /** Whether what it answers is right is for the table of handles to say. */
  readonly hasHandles: boolean;
}

const answering = (name: string, result: as.Shape | undefined, { throws = false, hasHandles = false } = {}) =>
  ({ name, result, throws, hasHandles }) satisfies Answering;

export const ANSWERING: readonly Answering[] = [
  answering('tellNothing', undefined),
  answering('tellFlag', as.bool),
  answering('tellLetter', as.char),
  answering('tellText', as.string),
  answering('tellAmount', as.u64),
  answering('tellRatio', as.f32),
  answering('tellMeasure', as.f64),
  answering('tellNumbers', numbers),
  answering('tellBytes', bytes),
  answering('tellShorts', as.array(Int16Array)),
  answering('tellLongs', as.array(BigInt64Array)),
  answering('tellDoubles', doubles),
  answering('tellTexts', texts),
  answering('tellLetters', letters),
  answering('tellFlags', as.list(as.bool)),
  answering('tellNested', nested),
  answering('tellPairs', as.list(as.tuple(as.u8, as.string))),
  answering('tellColor', colour),
  answering('tellColors', as.list(colour)),
  answering('tellPerson', person),
  answering('tellPeople', people),
  answering('tellShape', shape),
  answering('tellShapes', shapes),
  answering('tellAccess', access),
  answering('tellWide', wide),
  answering('tellMaybe', as.option(as.u32)),
  answering('tellMaybeMaybe', maybeMaybe),
  answering('tellEither', either, { throws: true }),
  answering('tellPlain', as.variant({ ok: undefined, err: undefined }), { throws: true }),
  answering('tellFailure', as.variant({ ok: undefined, err: as.string }), { throws: true }),
  answering('tellResults', results),
  answering('tellThing', thing, { hasHandles: true }),
  answering('tellThings', as.list(thing), { hasHandles: true }),
];

/** A resource of the component's own: an object that its context has made. */
const token = handle(
  (value) => typeof (value as AsyncDisposable | undefined)?.[Symbol.asyncDispose] === 'function',
);

/** In an interface of their own, and in contexts only. */
export const TOKENS: readonly Answering[] = [
  answering('tellToken', token, { hasHandles: true }),
  answering('tellTokens', as.list(token), { hasHandles: true }),
];

export interface Called {
  /** As the guest knows it. */
  readonly name: string;
  readonly params: readonly as.Shape[];
  readonly hasHandles: boolean;
}

const called = (name: string, ...params: as.Shape[]): Called => ({
  name,
  params,
  hasHandles: params.includes(thing),
});

/** A guest that calls it is told that it failed, and so is whoever called the guest. */
export const REFUSING = 'refuse';

export const CALLED: readonly Called[] = [
  called('take-numbers', numbers),
  called('take-text', as.string),
  called('take-letters', letters),
  called('take-bytes', bytes),
  called('take-doubles', doubles),
  called('take-nested', nested),
  called('take-people', people),
  called('take-shapes', shapes),
  called('take-access', access),
  called('take-wide', wide),
  called('take-maybe-maybe', maybeMaybe),
  called('take-either', either),
  called('take-results', results),
  called(
    'take-many',
    ...[as.u8, as.option(as.string), shape, as.tuple(as.bool, as.char)],
    as.array(Uint32Array),
  ),
  called('take-nothing'),
  called('later', as.string),
  called(REFUSING, as.string),
  called('give'),
  called('hand-back', thing),
  called('show', thing),
  called('[resource-drop]thing', thing),
];
