"""The engine: plan, trial, resume, audit."""
