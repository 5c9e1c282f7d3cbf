# mujoco fills its module when it is imported, where a type checker sees nothing
from typing import Any

def __getattr__(name: str) -> Any: ...
