"""Customers."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam

from integrations.store.rows import Shape
from integrations.store.statements import insert_or_replace
from integrations.store.tables import CUSTOMERS
from retention.customer import Customer
from retention.ports import Customers

CUSTOMER = Shape(Customer, CUSTOMERS)

_FIND = CUSTOMER.select().where(CUSTOMERS.c.customer_id == bindparam("customer_id"))
_PUT = insert_or_replace(CUSTOMERS)


class SqlCustomers(Customers):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, customer_id: str) -> Customer | None:
        return CUSTOMER.first(self._connection, _FIND, customer_id=customer_id)

    def put(self, customer: Customer) -> None:
        self._connection.execute(_PUT, CUSTOMER.row(customer))
