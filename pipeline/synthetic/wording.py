"""What the characters say: lines written for this project. "/" marks where a line may break."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of one language by what they are used for."""

    talk: tuple[str, ...]
    short: tuple[str, ...]
    shout: tuple[str, ...]
    narration: tuple[str, ...]
    sounds: tuple[str, ...]
    signs: tuple[str, ...]


def _lines(written: str) -> tuple[str, ...]:
    """Lines set apart by "|" or by the end of a row."""
    return tuple(line.strip() for line in written.replace("\n", "|").split("|") if line.strip())


_JA = Phrases(
    talk=_lines(
        """
        おはよう、/今日も/早いね | 駅の前で/待ってて | 約束、/忘れて/ないよね？
        ううん、/今来た/ところ | この地図は/本物/なのか？ | 昨日の夜、/星が/落ちたんだ
        それを/見たのは/私だけ | 急がないと/電車が出る | 猫が一匹/いなくなった
        誰にも/言うなよ | 先生は/もう帰った | 雨が/やむまで/ここにいよう
        荷物は/ぼくが/持つよ | 変だな、/音がしない | どうして/黙って/いるの？
        本当の/名前を/教えて | 明日の朝、/海へ行く | 手紙には/そう書いて/あった
        君の/話なら/信じる | 窓の外を/見てごらん | これが/最後の/一つだ
        山の上に/古い家が/ある | その箱を/開けては/いけない | お腹が/すいたなあ
        待たせて/ごめん | 心配/しなくて/いい | もう一度/だけ/やってみる
        名前も/知らない/町だった | 鍵は/机の上に/ある | 夏休みは/あと/三日だ
        """
    ),
    short=_lines(
        """
        え？ | うん | そうか | まさか… | ほら | ねえ | はい | なに？ | … | いいよ | どこ？
        ふう
        """
    ),
    shout=_lines(
        """
        待て！ | 走れ！ | あぶない！ | やったあ！ | うそだろ！ | 見つけたぞ！ | 来るな！
        今だ！
        """
    ),
    narration=_lines(
        """
        その日の夕方 | 三年前の冬 | 次の朝 | 町はずれの丘 | そして/誰も/いなくなった
        長い夜が/始まった | 駅前の喫茶店 | 一週間後
        """
    ),
    sounds=_lines(
        """
        ドン | ガタッ | ザアア | バン | ゴゴゴ | ピタ | ドキ | ダダダ | キイイ | ドサッ
        """
    ),
    signs=_lines(
        """
        喫茶店 | 駅前 | 本屋 | 出口 | 花屋 | 切符 | 中央口 | 電気
        """
    ),
)
_EN = Phrases(
    talk=_lines(
        """
        GOOD MORNING. YOU ARE EARLY TODAY. | WAIT FOR ME AT THE STATION.
        YOU KEPT YOUR PROMISE. | NO, I ONLY JUST GOT HERE. | IS THIS MAP REAL?
        A STAR FELL LAST NIGHT. | I AM THE ONLY ONE WHO SAW IT.
        HURRY, THE TRAIN IS LEAVING. | ONE OF THE CATS IS GONE. | DO NOT TELL ANYONE.
        THE TEACHER WENT HOME. | LET US STAY UNTIL THE RAIN STOPS. | I WILL CARRY THE BAGS.
        STRANGE. THERE IS NO SOUND. | WHY ARE YOU SO QUIET? | TELL ME YOUR REAL NAME.
        TOMORROW WE GO TO THE SEA. | THAT IS WHAT THE LETTER SAID.
        IF YOU SAY SO, I BELIEVE IT. | LOOK OUT OF THE WINDOW. | THIS IS THE LAST ONE.
        AN OLD HOUSE STANDS ON THE HILL. | NEVER OPEN THAT BOX. | I AM SO HUNGRY.
        SORRY TO KEEP YOU WAITING. | THERE IS NO NEED TO WORRY. | I WILL TRY ONCE MORE.
        THE KEY IS ON THE DESK. | ONLY THREE DAYS OF SUMMER LEFT.
        """
    ),
    short=_lines(
        """
        HUH? | YES. | I SEE. | NO WAY... | HERE. | HEY. | WHAT? | ... | FINE. | WHERE?
        """
    ),
    shout=_lines(
        """
        STOP! | RUN! | LOOK OUT! | WE DID IT! | FOUND YOU! | STAY BACK! | NOW!
        """
    ),
    narration=_lines(
        """
        THAT EVENING | THREE WINTERS AGO | THE NEXT MORNING | ON A HILL BEYOND THE TOWN
        AND THEN NOBODY WAS LEFT | A LONG NIGHT BEGAN | ONE WEEK LATER
        """
    ),
    sounds=_lines(
        """
        BOOM | CRASH | THUD | BANG | SLAM | WHOOSH | CREAK | TAP TAP
        """
    ),
    signs=_lines(
        """
        CAFE | STATION | BOOKS | EXIT | BAKERY | TICKETS | FLOWERS
        """
    ),
)
_PHRASES = {"ja": _JA, "en": _EN}

READINGS = {
    "約束": "やくそく",
    "荷物": "にもつ",
    "手紙": "てがみ",
    "電車": "でんしゃ",
    "地図": "ちず",
}
"""Words that may carry furigana, with their reading."""


def phrases(language: str) -> Phrases:
    """The words of "ja" or "en"."""
    return _PHRASES[language]


def broken(line: str, language: str, dice: Random) -> tuple[str, ...]:
    """A line as the rows or columns of a balloon."""
    if language == "ja":
        return tuple(line.split("/"))
    goal = dice.choice((9, 11, 13))
    rows: list[str] = []
    for word in line.replace("/", " ").split():
        if rows and len(rows[-1]) + 1 + len(word) <= goal:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    return tuple(rows)


def spoken(rows: tuple[str, ...], language: str) -> str:
    """The text of a balloon as one string."""
    return "".join(rows) if language == "ja" else " ".join(rows)
