"""Problems, their answers, and whether an answer is right."""
