"""The paper's claims, evaluated on whatever results exist."""
