"""Compressors and gates as settings of Ardour's own: `audition` is what is wanted, `a_comp` and `a_exp` are models of the plugins, `fit` and `gate_fit` search."""
