"""How well: evidence to verdict, and what follows from many verdicts."""
