using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>The fields of one kind of request: it reads them into a draft, refuses by name, and is a table in the documentation.</summary>
/// <typeparam name="TDraft">A request while its fields are being read.</typeparam>
internal sealed class FieldTable<TDraft>
{
    private readonly ImmutableArray<Field> _fields;
    private readonly FrozenDictionary<string, Field> _byName;

    /// <summary>A table of fields, in the order of the documentation.</summary>
    public FieldTable(params ImmutableArray<Field> fields)
    {
        _fields = fields;
        _byName = fields.ToFrozenDictionary(field => field.Name);
    }

    /// <summary>The fields that are read, with what they do.</summary>
    public IEnumerable<(string Name, string Note)> Served =>
        _fields.Where(one => one.Read is not null).Select(one => (one.Name, one.Note));

    /// <summary>The table as Markdown.</summary>
    public string ToMarkdown() => "| field | here | notes |\n|---|---|---|\n" +
        string.Concat(_fields.Select(one => $"| `{one.Name}` | {one.Treatment} | {one.Note} |\n"));

    /// <summary>Reads a body; null is the same as leaving a field out.</summary>
    /// <param name="draft">Gets the values.</param>
    /// <param name="body">A JSON object.</param>
    /// <param name="seen">Told of each field that was read.</param>
    /// <exception cref="RejectedException">A field is unknown, refused or malformed.</exception>
    public void Read(TDraft draft, JsonElement body, Action<string, JsonField>? seen = null)
    {
        foreach (var (name, field) in new JsonField(body, "").Entries())
        {
            if (!_byName.TryGetValue(name, out var known))
                throw field.Unknown();
            if (field.IsNull)
                continue;
            if (known.Read is null)
                throw field.Unsupported($"'{name}'");
            known.Read(draft, field);
            seen?.Invoke(name, field);
        }
    }

    /// <summary>One field.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Treatment">What becomes of it, in a word.</param>
    /// <param name="Note">What it does here.</param>
    /// <param name="Read">Reads it; null refuses it.</param>
    public sealed record Field(string Name, string Treatment, string Note, Action<TDraft, JsonField>? Read);
}
