"""Registers of a synthetic city: for each table of the contracts the rows that are true of it."""

from samples.registers.write import write_gve, write_registers

__all__ = ["write_gve", "write_registers"]
