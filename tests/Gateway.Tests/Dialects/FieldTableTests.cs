using System.Runtime.CompilerServices;
using System.Text.Json;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Gateway.Dialects.OpenAi.Completions;
using Causerie.Gateway.Dialects.OpenAi.Embeddings;
using Causerie.Gateway.Dialects.OpenAi.Responses;
using Causerie.Tests;

namespace Causerie.Gateway.Tests.Dialects;

/// <summary>The table of fields knows the whole specification, and the documentation is the table.</summary>
public sealed class FieldTableTests
{
    [Fact]
    public void The_documentation_holds_the_table_of_the_code()
    {
        string document = File.ReadAllText(Document());
        foreach (string table in (string[])[
            ChatFields.ToMarkdown(), ResponseFields.ToMarkdown(), CompletionFields.ToMarkdown(), EmbeddingFields.ToMarkdown()])
        {
            Assert.True(
                document.Contains(table, StringComparison.Ordinal),
                $"docs/openai-api.md must hold this table:\n{table}");
        }
    }

    [Fact]
    public void Every_field_of_a_completion_is_in_its_table()
    {
        string path = ConformanceData.Require("api-specs/openai/openapi.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        string table = CompletionFields.ToMarkdown();
        foreach (string field in Properties(schemas, schemas.GetProperty("CreateCompletionRequest")))
            Assert.Contains($"| `{field}` |", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_field_of_embeddings_is_in_their_table()
    {
        string path = ConformanceData.Require("api-specs/openai/openapi.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        Assert.Equal(
            Properties(schemas, schemas.GetProperty("CreateEmbeddingRequest")).Order(),
            EmbeddingFields.Served.Select(field => field.Name).Order());
    }

    [Fact]
    public void Every_field_of_a_response_is_in_the_other_table()
    {
        string path = ConformanceData.Require("api-specs/openai/openapi.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        string table = ResponseFields.ToMarkdown();
        foreach (string field in Properties(schemas, schemas.GetProperty("CreateResponse")))
            Assert.Contains($"| `{field}` |", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_field_of_the_specification_is_in_the_table()
    {
        string path = ConformanceData.Require("api-specs/openai/openapi.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        var specified = Properties(schemas, schemas.GetProperty("CreateChatCompletionRequest")).ToHashSet();

        var ours = ChatFields.All.Select(field => field.Name).ToList();
        Assert.Equal(ours.Count, ours.Distinct().Count());
        Assert.True(specified.Count > 30);
        Assert.Empty(specified.Except(ours));
        Assert.Equal(
            ours.Except(specified).Order(),
            ChatFields.All.Where(field => field.Treatment == FieldTreatment.Extra).Select(field => field.Name).Order());
    }

    private static IEnumerable<string> Properties(JsonElement schemas, JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            schema = schemas.GetProperty(reference.GetString()!.Split('/')[^1]);
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
                yield return property.Name;
        }

        if (schema.TryGetProperty("allOf", out var parts))
        {
            foreach (string name in parts.EnumerateArray().SelectMany(part => Properties(schemas, part)))
                yield return name;
        }
    }

    private static string Document([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/openai-api.md");
}
