# The accounts of this plug-in: a resource is a class in a module of its interface's name.
from typing import Self

from componentize_py_types import Err
from wit_world.exports import accounts


class Account(accounts.Account):
    def __init__(self, name: str) -> None:
        self.title = name
        self.balance = 0

    def name(self) -> str:
        return self.title

    def post(self, amount: int) -> int:
        if amount == 0:
            raise Err("nothing to post")
        self.balance += amount
        return self.balance

    @classmethod
    def merge(cls, into: Self, other: Self) -> Self:
        into.balance += other.balance
        return into
