"""Plausible names of invented people, the same in every demonstration. Nobody real is meant."""

import random

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
)
FIRST = "建国明华志伟晓文海波立新春燕玉兰秀英丽娜静怡思远宏达永强振宇佳慧雪梅国平庆东学军少峰雅琴"
SECOND = "军平华明芳英敏杰涛超辉勇峰磊刚健洁琳颖倩雯婷璐薇鹏飞宁安然晨曦阳毅博文哲"


def names(count: int, seed: int) -> list[str]:
    """`count` different names, always the same for the same `seed`."""
    chance = random.Random(seed)  # noqa: S311 - names of invented people, no secret
    found: dict[str, None] = {}
    while len(found) < count:
        given = chance.choice(FIRST) + (chance.choice(SECOND) if chance.random() < 0.72 else "")
        found[chance.choice(SURNAMES) + given] = None
    return list(found)
