"""The command routes of the shop. All are staff's work: they need the scope `shop:write`."""

from __future__ import annotations

from domains.shop.catalogue_commands import CATALOGUE_COMMANDS
from domains.shop.customer_commands import CUSTOMER_COMMANDS
from domains.shop.order_commands import ORDER_COMMANDS

COMMAND_ROUTES = [*CUSTOMER_COMMANDS, *CATALOGUE_COMMANDS, *ORDER_COMMANDS]
