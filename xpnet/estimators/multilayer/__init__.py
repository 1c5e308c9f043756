"""Multilayer perceptrons as scikit-learn's users know them: settings, training by epochs and by L-BFGS."""
