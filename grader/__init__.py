"""What an instructor runs: release, bundle, grading. Students never import it."""
