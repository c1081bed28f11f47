"""Customers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, bindparam

from integrations.store.rows import Shape
from integrations.store.statements import in_parts, insert_or_replace
from integrations.store.tables import CUSTOMERS
from retention.customer import Customer
from retention.ports import Customers

CUSTOMER = Shape(Customer, CUSTOMERS)

_FIND = CUSTOMER.select().where(CUSTOMERS.c.customer_id == bindparam("customer_id"))
_FIND_ALL = CUSTOMER.select().where(CUSTOMERS.c.customer_id.in_(bindparam("keys", expanding=True)))
_PUT = insert_or_replace(CUSTOMERS)


class SqlCustomers(Customers):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, customer_id: str) -> Customer | None:
        return CUSTOMER.first(self._connection, _FIND, customer_id=customer_id)

    def find_all(self, customer_ids: Collection[str]) -> Mapping[str, Customer]:
        found = [CUSTOMER.all(self._connection, _FIND_ALL, keys=part) for part in in_parts(customer_ids)]
        return {customer.customer_id: customer for part in found for customer in part}

    def put(self, customer: Customer) -> None:
        self._connection.execute(_PUT, CUSTOMER.row(customer))

    def put_all(self, customers: Sequence[Customer]) -> None:
        if customers:
            self._connection.execute(_PUT, [CUSTOMER.row(customer) for customer in customers])
