"""The whole house in containers: built, started, talked to, and gone again."""
