"""After an update that died: what was interrupted, and a stack on which `up` succeeds again."""
