"""The learned helpers; the only place that imports torch, and only when a helper is asked for something.

`extra` hands out torch or a sentence that names the extra to install, `weights` reads and writes checked weight files.
What ships lies in the top-level folder `models/`, each with its card. Every helper stands beside the rule that it replaces (docs/models.md).
"""
