# Tries to hold the grader up by asking for input.
input("Your name? ")
