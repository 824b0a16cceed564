"""How fast it is here: `make bench`. Each figure stands beside the bare cost of the same work in the same run."""
