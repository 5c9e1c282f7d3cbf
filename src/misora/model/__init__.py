"""The model: spacetime tokens, an autoencoder in closed groups, and the transformer that removes noise."""
