"""The strategist: solve a problem, reflect on the solution, extract behaviors from both.

The method is that of arXiv 2509.13237, section 3; the prompts are in our own words.
"""
