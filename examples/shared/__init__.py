"""What the five projects share: reading pictures and trees, weights, and looking at results.

Scripts import it before Keras, for TensorFlow reads its environment once, when it is imported.
"""

from __future__ import annotations

import os

# Of what TensorFlow says at its start nothing is for the person at the terminal; errors are. The
# second stops a line about oneDNN that the first does not reach.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
