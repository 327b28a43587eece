using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Causerie.Text.Templates;

namespace Causerie.Text.Tests.Templates;

/// <summary>Our own cases with what Python's Jinja gives; <c>Cases/make_cases.py</c> writes the expected values.</summary>
public sealed class OwnCasesTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_case_gives_what_python_gives()
    {
        int failed = 0, errors = 0;
        var cases = JsonNode.Parse(File.ReadAllText(Cases()))!.AsArray();
        foreach (var test in cases)
        {
            string template = test!["template"]!.GetValue<string>();
            string? expected = test["expected"]?.GetValue<string>(), actual, message = null;
            try
            {
                actual = ChatTemplate.Parse(template).Render(
                    test["vars"]?.DeepClone().AsObject() ?? [], new DateTime(2026, 7, 14, 15, 9, 26, DateTimeKind.Unspecified));
            }
            catch (TemplateException e)
            {
                (actual, message) = (null, e.Message);
            }

            errors += expected is null ? 1 : 0;
            if (actual == expected)
                continue;
            failed++;
            output.WriteLine($"{template}\n  expected {expected ?? test["error"]!.ToString()}\n  actual   {actual ?? message}");
        }

        Assert.Equal(0, failed);
        Assert.True(cases.Count > 1500 && errors > 300, "Cases are missing.");
    }

    private static string Cases([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "Cases", "cases.json");
}
