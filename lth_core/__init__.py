"""The Lottery Ticket Hypothesis (Frankle & Carbin, ICLR 2019), run by run."""

__version__ = "0.1.0"
