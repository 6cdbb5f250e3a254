"""The checks find what they are for, and nothing where there is nothing."""
import subprocess
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOOLS))

import check_docs
import check_headers
import check_layers
import check_sizes
import cpp_text
from devkit.common import Tally

RULES = tomllib.loads((TOOLS / "layers.toml").read_text())


class Tree(unittest.TestCase):
    """A small source tree that a test fills."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "src").mkdir()

    def write(self, name: str, text: str = "") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


class LayersTest(Tree):
    def errors(self) -> str:
        return "\n".join(check_layers.Layers(self.root / "src", RULES).check())

    def test_what_stands_above_may_be_included(self):
        self.write("src/base/a.h")
        self.write("src/resp/a.h", '#include "base/a.h"\n')
        self.write("src/resp/a.cc", '#include "resp/a.h"\n#include <string>\n')
        self.assertEqual(self.errors(), "")

    def test_a_forbidden_include_is_found(self):
        self.write("src/engine/a.h")
        self.write("src/store/a.cc", '#include "engine/a.h"\n')
        self.assertIn("src/store/a.cc: store/ may not include engine/a.h", self.errors())

    def test_tests_may_include_more(self):
        self.write("src/engine/a.h")
        self.write("src/store/a_test.cc", '#include "engine/a.h"\n')
        self.assertEqual(self.errors(), "")

    def test_cycles_of_folders_and_files_are_found(self):
        self.write("src/base/a.h", '#include "resp/a.h"\n')
        self.write("src/resp/a.h", '#include "base/a.h"\n')
        self.write("src/store/one.h", '#include "store/two.h"\n')
        self.write("src/store/two.cc", '#include "store/one.h"\n')
        self.write("src/store/two.h")
        errors = self.errors()
        self.assertIn("cycle among folders: base -> resp -> base", errors)
        self.assertIn("cycle among files: store/one -> store/two -> store/one", errors)

    def test_clocks_kernel_and_threads_are_found_where_they_may_not_be(self):
        self.write("src/resp/a.cc", "#include <unistd.h>\n"
                                    "auto n = std::chrono::steady_clock::now();\n"
                                    "long t = time(nullptr);\nint r = rand();\nstd::mutex m;\n")
        errors = self.errors()
        for line in range(1, 6):
            self.assertIn(f"src/resp/a.cc:{line}:", errors)

    def test_comments_strings_and_members_are_no_offence(self):
        self.write("src/resp/a.cc", '// calls time(nullptr) and std::mutex\nauto s = "rand()";\n'
                                    "auto a = call.time(0);\nauto b = rng->rand();\n")
        self.write("src/store/lock.cc", "#include <atomic>\nstd::atomic<int> n;\n")
        self.write("src/os/clock.cc", "#include <unistd.h>\nlong t = time(nullptr);\n")
        self.assertEqual(self.errors(), "")

    def test_cmake_links_what_may_be_included(self):
        self.write("CMakeLists.txt", "banyan_folder(base)\nbanyan_folder(resp base engine)\n")
        errors = check_layers.cmake_errors(self.root, RULES)
        self.assertEqual(errors, ["CMakeLists.txt: resp links engine, which it may not include"])


class FunctionsTest(unittest.TestCase):
    def found(self, text: str) -> dict[str, int]:
        return {name: last - first + 1 for name, first, last in cpp_text.functions(text)}

    def test_functions_of_all_kinds_are_measured(self):
        self.assertEqual(self.found("""
namespace a {
class B : public C<D> {
 public:
  explicit B(int x) : x_{x}, y_(2) {
    go();
  }
  ~B() override {}
  bool operator==(const B& other) const { return true; }
 private:
  int x_{0};
};
template <class T, std::size_t kSize = 4>
[[nodiscard]] T B::get(std::function<void()> f, Options o = {}) const noexcept {
  if (f) { return {}; }
  return {};
}
TEST_F(LinkTest, works) {
  EXPECT_TRUE(true);
}
}  // namespace a
"""), {"B": 3, "~B": 1, "operator==": 1, "B::get": 5, "TEST_F(LinkTest, works)": 3})

    def test_tables_types_and_macros_are_not_functions(self):
        rows = "    {.name = name(\"a{\"), .run = run},\n" * 100
        self.assertEqual(self.found(
            f"constexpr CommandSpec kTable[] = {{\n{rows}}};\n"
            "enum class E : int {\n  a,\n};\nstruct alignas(64) S {\n  int a = 1;\n};\n"
            "#define M(x) do { \\\n  f(x); \\\n} while (false)\n"
            "// void f() {\nconst char* text = R\"(void g() { )\";\nint n = 1'000; char c = '{';\n"
            "extern \"C\" {\nvoid h();\n}\n"), {})


class SizesTest(Tree):
    LONG = "void f() {\n" + "  g();\n" * 80 + "}\n"

    def errors(self) -> str:
        return "\n".join(check_sizes.Sizes(self.root).check())

    def test_oversized_things_are_found(self):
        self.write("src/a/f.cc", self.LONG + "// " + "x" * 100 + "\n")
        self.write("src/a/h.h", "//\n" * 251)
        self.write("src/b/long.cc", "//\n" * 801)
        errors = self.errors()
        self.assertIn("function src/a/f.cc:f: 82 lines, the limit is 70", errors)
        self.assertIn("src/a/f.cc:83: 103 columns", errors)
        self.assertIn("file src/a/h.h: 251 lines", errors)
        self.assertIn("file src/b/long.cc: 801 lines", errors)

    def test_the_ratchet_only_turns_one_way(self):
        self.write("src/a/f.cc", self.LONG)
        self.write("tools/sizes.txt", "function src/a/f.cc:f 82\n")
        self.assertEqual(self.errors(), "")
        self.write("tools/sizes.txt", "function src/a/f.cc:f 81\n")
        self.assertIn("grew to 82", self.errors())
        self.write("tools/sizes.txt", "function src/a/f.cc:f 90\n")
        self.assertIn("lower its 90", self.errors())
        self.write("tools/sizes.txt", "function src/a/f.cc:f 82\nfile src/a/gone.cc 900\n")
        self.assertIn("src/a/gone.cc fits now or is gone", self.errors())


class HeadersTest(Tree):
    def test_a_header_that_needs_another_before_it_is_found(self):
        bad = self.write("src/a/bad.h", "#pragma once\nstd::string f();\n")
        good = self.write("src/a/good.h", '#pragma once\n#include <string>\n#include "a/base.h"\n')
        self.write("src/a/base.h", "#pragma once\n")
        self.assertIn("a/bad.h does not compile alone", check_headers.compile_alone(self.root, bad))
        self.assertEqual(check_headers.compile_alone(self.root, good), "")

    def test_the_fingerprint_follows_includes(self):
        top = self.write("src/a/top.h", '#include "a/low.h"\n')
        self.write("src/a/low.h", "int a;\n")
        before = check_headers.fingerprint(self.root, top)
        self.assertEqual(before, check_headers.fingerprint(self.root, top))
        self.write("src/a/low.h", "int b;\n")
        self.assertNotEqual(before, check_headers.fingerprint(self.root, top))


class DocsTest(Tree):
    def test_wrong_paths_and_commands_are_found(self):
        self.write("src/resp/writer.cc")
        page = self.write("docs/page.md",
                          "See `src/resp/writer.cc`, `resp/writer.cc`, `src/*/w*.cc`,"
                          " `src/resp/reader.cc`.\nRun `./dev up`, `./dev fly`.\n")
        self.assertEqual(check_docs.check_page(self.root, page, {"up"}),
                         ["docs/page.md: src/resp/reader.cc does not exist",
                          "docs/page.md: there is no ./dev fly"])

    def test_the_map_has_every_folder_once(self):
        self.write("src/resp/a.cc")
        self.write("src/os/a.cc")
        self.write("docs/ARCHITECTURE.md", "| `src/os` | threads |\n| `src/os` | again |\n")
        errors = "\n".join(check_docs.check_map(self.root))
        self.assertIn("src/os is on the map 2 times", errors)
        self.assertIn("src/resp is on the map 0 times", errors)

    def test_words_of_one_machine_are_found(self):
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.write("a.txt", "see /wor" + "k/x and https://deb.deb" + "ian.org/\nfine: net/work/x\n")
        errors = check_docs.check_machine_words(self.root)
        self.assertEqual([error.split(": ")[0] for error in errors], ["a.txt:1", "a.txt:1"])


class TallyTest(unittest.TestCase):
    def test_the_last_line_counts_all(self):
        total = Tally(passed=2)
        total.add(Tally(passed=1, failed=1, failures=["x"]))
        self.assertEqual(total.line(), "3 passed, 1 failed, 0 skipped")
        self.assertEqual(total.failures, ["x"])


class MutantsTest(unittest.TestCase):
    def test_each_mutant_fits_the_source_as_it_is(self):
        mutants = sorted((TOOLS.parent / "sim/mutants").glob("*.patch"))
        self.assertTrue(mutants)
        for patch in mutants:
            with self.subTest(patch.name):
                tried = subprocess.run(["git", "apply", "--check", patch], cwd=TOOLS.parent,
                                       capture_output=True, text=True)
                self.assertEqual(tried.returncode, 0, tried.stderr)


if __name__ == "__main__":
    unittest.main()
