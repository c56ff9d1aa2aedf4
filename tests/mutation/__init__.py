"""Mutation of the protocols: faults are put into the code, one at a time, and tests must notice each.

    mutants.py      the mutants: what is replaced in which file, and the tests that notice it first
    seeds.py        runs seeds of the simulation until one breaks a rule that it does not break without the mutant
    __main__.py     applies each mutant to a copy of the project, and runs the tests until one fails

`make mutants` prints who killed each mutant, and which ones survive.
"""
