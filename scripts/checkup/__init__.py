"""How a stack that is up looks from outside: a row for each part, with what is wrong and what to do."""
