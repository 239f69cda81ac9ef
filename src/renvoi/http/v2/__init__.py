"""`/v2`: the management API (`docs/v2.md`). A resource is one module with `routes(deps)`, listed in `resources`."""
