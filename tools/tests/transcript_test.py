"""Reading, writing and comparing transcripts."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from lib import transcript
from lib.resp import Reply


def bulk(text: str) -> Reply:
    return Reply("$", text.encode("latin-1"))


class TranscriptTest(unittest.TestCase):
    def parse(self, text: str) -> list[transcript.Case]:
        with tempfile.NamedTemporaryFile("w", suffix=".test") as file:
            file.write(text)
            file.flush()
            return transcript.parse(Path(file.name))

    def test_words_are_quoted_as_in_redis_cli(self):
        self.assertEqual(transcript.split_words(r"""SET "a\n\x00\"b" 'c "d\' e' f"""),
                         [b"SET", b'a\n\x00"b', b"c \"d' e", b"f"])
        for bad in ('SET "a', "SET 'a", 'SET "a"b'):
            with self.assertRaises(ValueError):
                transcript.split_words(bad)

    def test_replies_become_lines(self):
        nested = Reply("*", [bulk("a\xff"), Reply(":", "1"), Reply("*", [Reply("+", "x")]),
                             Reply("$", None), Reply("*", None)])
        self.assertEqual(transcript.render(nested),
                         ["*5", r'  "a\xff"', "  :1", "  *1", "    +x", "  (nil)", "  (nil array)"])

    def test_maps_and_sets_are_put_in_order(self):
        numbers = Reply("~", [bulk("2"), bulk("1")])
        reply = Reply("%", [bulk("b"), numbers, bulk("a"), Reply("_", "")])
        lines = ["%2", '  "a" => (null)', '  "b" => ~2', '    "1"', '    "2"']
        self.assertEqual(transcript.render(reply), lines)
        shuffled = ["%2", '  "b" => ~2', '    "2"', '    "1"', '  "a" => (null)']
        self.assertEqual(transcript.put_in_order(shuffled), lines)

    def test_sorted_pairs_stay_together(self):
        flat = Reply("*", [bulk("z"), bulk("1"), bulk("a"), bulk("2")])
        lines = ["*4", '  "a"', '  "2"', '  "z"', '  "1"']
        self.assertEqual(transcript.render(flat, "sorted pairs"), lines)
        given = ["*4", '  "z"', '  "1"', '  "a"', '  "2"']
        self.assertEqual(transcript.put_in_order(given, "sorted pairs"), lines)

    def test_globs_match_one_line_and_dots_any_number(self):
        actual = ["*3", '  "run_id:abc"', "  :5", "  :6"]
        self.assertTrue(transcript.matches(["*3", '  ~ "run_id:*"', "  ..."], actual))
        self.assertTrue(transcript.matches(["*3", "  ...", "  :6"], actual))
        self.assertFalse(transcript.matches(["*3", '  ~ "id:*"', "  ..."], actual))
        self.assertFalse(transcript.matches(["*3", '  "run_id:abc"'], actual))
        self.assertFalse(transcript.matches(["*3", '~ *', "  ..."], [":1"]))

    def test_cases_directives_and_connections(self):
        cases = self.parse("# One\n# more\n@only banyan\n> PING\n+PONG\n> {c2} GET a\n(nil)\n\n"
                           "@sorted\n> KEYS *\n*0\n> GET b\n(nil)\n# Two\n! reset\n? proto 3\n")
        self.assertEqual([case.title for case in cases], ["One", "Two"])
        ping, get, keys, last = cases[0].steps
        self.assertEqual((ping.targets, ping.expected), (["only banyan"], ["+PONG"]))
        self.assertEqual((get.connection, get.words), ("c2", [b"GET", b"a"]))
        self.assertEqual((keys.targets, keys.order, last.order), ([], "sorted", ""))
        self.assertEqual([step.kind for step in cases[1].steps], ["!", "?"])

    def test_mistakes_are_named_with_their_line(self):
        for bad in ("+OK\n", "> \n", "@sideways\n", "! advance soon\n", "? proto 4\n", "< x\n"):
            with self.assertRaisesRegex(transcript.TranscriptError, r"\.test:1: "):
                self.parse(bad)


if __name__ == "__main__":
    unittest.main()
