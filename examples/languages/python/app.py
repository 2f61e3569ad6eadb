# The ledger plug-in in Python.
import secrets

from accounts import Account
from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import rates
from wit_world.imports.journal import Log
from wit_world.imports.money import Currency
from wit_world.exports.ledger import (
    Entry,
    Marks,
    Problem_NoEntries,
    Problem_Overflow,
    Problem_UnknownRate,
    Statement,
)


class Ledger(exports.Ledger):
    def summarize(self, entries: list[Entry]) -> list[Statement]:
        if not entries:
            raise Err(Problem_NoEntries())
        statements: dict[str, Statement] = {}
        for entry in entries:
            new = Statement(entry.account, 0, 0, Marks(0), [])
            statement = statements.setdefault(entry.account, new)
            statement.total = fitting(statement.total + value(entry), entry)
            statement.entries += 1
            statement.marks |= entry.marks
            if entry.note is not None:
                statement.notes.append(entry.note)
        return list(statements.values())

    def describe(self, entry: Entry) -> str:
        marks = " ".join(mark.name.lower() for mark in Marks if mark in entry.marks)
        note = "none" if entry.note is None else f"some({entry.note})"
        currency = entry.currency.name.lower()
        return f"{entry.id} {entry.account} {entry.amount} {currency} [{marks}] {note}"

    def fingerprint(self, data: bytes) -> int:
        hash = 0xCBF29CE484222325
        for byte in data:
            hash = ((hash ^ byte) * 0x100000001B3) % 2**64
        return hash

    def reverse(self, data: bytes) -> bytes:
        return data[::-1]

    def nonce(self) -> bytes:
        return secrets.token_bytes(16)

    def fail(self, why: str) -> None:
        raise RuntimeError(why)


class Accounts(exports.Accounts):
    kept: Log | None = None

    def open(self, count: int) -> list[Account]:
        return [Account("") for _ in range(count)]

    def note(self, to: Log, text: str) -> int:
        return to.write(text)

    def report(self, title: str, text: str) -> int:
        with Log(title) as log:
            return log.write(text)

    def keep(self, log: Log) -> None:
        Accounts.kept = log

    def give_back(self) -> Log | None:
        log, Accounts.kept = Accounts.kept, None
        return log


def value(entry: Entry) -> int:
    """In millionths of a euro."""
    rate = rates.rate(entry.currency)
    if rate is None:
        raise Err(Problem_UnknownRate(entry.currency))
    return fitting(entry.amount * fitting(rate, entry), entry)


def fitting(amount: int, entry: Entry) -> int:
    if not -(2**63) <= amount < 2**63:
        raise Err(Problem_Overflow(entry.id))
    return amount
