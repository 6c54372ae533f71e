"""What is said on a pull request, and when: the plan, the results, drift."""
