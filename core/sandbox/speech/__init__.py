"""The voices of the sandbox: short conversations in Spanish and English, with when each turn was said."""
