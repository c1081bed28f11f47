"""What an API key may be allowed to do."""

from __future__ import annotations

SCOPES = frozenset(
    {
        "orders:write",
        "orders:read",
        "customers:write",
        "customers:erase",
        "events:write",
        "risk:read",
        "offers:read",
        "grants:write",
        "grants:read",
        "profiles:read",
        "conversations:read",
        "handoffs:read",
        "handoffs:write",
        "reports:read",
        "webhooks:write",
        "metrics:read",
        "experiments:read",
    }
)
