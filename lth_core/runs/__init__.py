"""From experiments to runs and jobs: identity, sharing, lanes and paths."""
