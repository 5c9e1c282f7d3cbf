"""Training: step, state, run and recipes; one loop for the autoencoder and the transformer."""
