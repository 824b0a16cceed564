"""What *Explain* tells of a finding: what its rule is about, and what of this code it speaks of.

Facts alone; what a linter or a server says is text, never markup.
"""
