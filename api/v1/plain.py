"""What every answer is made of: its base, and a name in both languages."""

from pydantic import BaseModel, ConfigDict, Field


class Out(BaseModel):
    """An answer, made from a view of the domain."""

    model_config = ConfigDict(from_attributes=True)


class Name(Out):
    """A name in both languages."""

    zh: str = Field(examples=["新兴社区"])
    en: str = Field(examples=["Xinxing Community"])
