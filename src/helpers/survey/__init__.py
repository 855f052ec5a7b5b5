"""What was asked and answered: codebook, responses, survey."""
