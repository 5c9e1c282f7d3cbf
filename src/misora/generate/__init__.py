"""From a sentence to a video: the canvas, its limits, the one sampler, and the door."""
