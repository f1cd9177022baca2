from fastapi import APIRouter

ALL = ["Sweep", "Cook", "Sleep"]

router = APIRouter(prefix="/tasks")


@router.get("")
async def index():
    return ALL
