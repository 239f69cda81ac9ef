"""The API's first version (`docs/api.md`): its operations, codes and texts."""
