"""Tickets as values: loaded from results, used as PyTorch modules, exported as files.

from lth_core.ticket import load

ticket = load("lenet_imp", round=12, trial=0, scale="quick")
module = ticket.module()
"""

from lth_core.ticket.exported import read
from lth_core.ticket.find import load
from lth_core.ticket.value import Ticket

__all__ = ["Ticket", "load", "read"]
