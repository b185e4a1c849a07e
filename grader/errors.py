"""What the grader says when a person has to put something right."""


class GraderError(Exception):
    """Something an instructor has to put right before grading can go on."""
