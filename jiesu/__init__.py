"""接诉: the whole life of a 12345 work order in a street office, from 签收 to 台账."""

__version__ = "0.1.0"
