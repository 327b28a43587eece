using System.Collections.Immutable;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c>.</summary>
internal static class Tools
{
    internal const int MostTools = 128;
    private const string NoParameters = """{"type":"object","properties":{}}""";

    /// <summary>The functions and custom tools that are offered.</summary>
    public static ImmutableArray<ChatTool> Read(JsonField tools)
    {
        var read = ImmutableArray.CreateBuilder<ChatTool>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tool in tools.Items(0, MostTools))
        {
            JsonField? type = null, function = null, custom = null;
            foreach (var (key, field) in tool.Entries())
            {
                if (key == "type")
                    type = field;
                else if (key == "function")
                    function = field;
                else if (key == "custom")
                    custom = field;
                else
                    throw field.Unknown();
            }

            var kind = type ?? throw JsonField.Missing($"{tool.Path}.type");
            if ((kind.String() == "function" ? custom : function) is { } misplaced)
                throw misplaced.Refuse($"'{misplaced.Path}' needs '{kind.Path}' to be its name.", "invalid_value");
            var its = kind.String() switch
            {
                "function" => Function(function ?? throw JsonField.Missing($"{tool.Path}.function")),
                "custom" => CustomTools.Read(custom ?? throw JsonField.Missing($"{tool.Path}.custom"), flat: false),
                var other => throw kind.Refuse($"'{other}' is no type of tool; this server knows 'function' and 'custom'.", "invalid_value"),
            };
            if (!names.Add(its.Name))
                throw tool.Refuse($"'{tool.Path}' has the name '{its.Name}' of another tool.", "invalid_value");
            read.Add(its);
        }

        return read.ToImmutable();
    }

    /// <summary>One function: name, description, parameters, strict.</summary>
    public static ChatTool Function(JsonField function)
    {
        string? name = null, description = null, parameters = null;
        bool strict = false;
        foreach (var (key, field) in function.Entries())
        {
            switch (key)
            {
                case "name":
                    name = ResponseFormats.NameOf(field);
                    break;
                case "description" or "parameters" or "strict" when field.IsNull:
                    break;
                case "description":
                    description = field.String();
                    break;
                case "parameters":
                    if (field.Value.ValueKind != JsonValueKind.Object)
                        throw field.WrongType("a JSON Schema, an object");
                    parameters = field.Value.GetRawText();
                    break;
                case "strict":
                    strict = field.Boolean();
                    break;
                case "type" when !function.Path.EndsWith(".function", StringComparison.Ordinal):
                    break; // the Responses API has it beside the name
                default:
                    throw field.Unknown();
            }
        }

        return new ChatTool(name ?? throw JsonField.Missing($"{function.Path}.name"), parameters ?? NoParameters)
        {
            Description = description,
            Strict = strict,
        };
    }

    /// <summary>Whether they may, must or must not be called.</summary>
    public static ToolChoice Choice(JsonField choice)
    {
        if (choice.Value.ValueKind == JsonValueKind.String)
            return Mode(choice);
        JsonField? type = null, inner = null;
        foreach (var (key, field) in choice.Entries())
        {
            if (key == "type")
                type = field;
            else if (key is "function" or "allowed_tools" or "custom")
                inner = field;
            else
                throw field.Unknown();
        }

        var kind = type ?? throw JsonField.Missing($"{choice.Path}.type");
        return kind.String() switch
        {
            "function" => Named(inner ?? throw JsonField.Missing($"{choice.Path}.function")),
            "allowed_tools" => Allowed(inner ?? throw JsonField.Missing($"{choice.Path}.allowed_tools")),
            "custom" => Named(inner ?? throw JsonField.Missing($"{choice.Path}.custom")),
            var other => throw kind.Refuse($"'{other}' is no way to choose tools.", "invalid_value"),
        };
    }

    /// <summary>Refuses a choice of tools that are not offered.</summary>
    public static void Check(ImmutableArray<ChatTool> tools, ToolChoice choice)
    {
        foreach (string name in choice.Allowed)
        {
            if (!tools.Any(tool => tool.Name == name))
                throw new RejectedException(Errors.Invalid($"'tool_choice' names '{name}', which is none of 'tools'.", "tool_choice", "invalid_value"));
        }

        if (choice.Mode == ToolMode.Required && tools.IsEmpty)
            throw new RejectedException(Errors.Invalid("'tool_choice' asks for a call, but there are no 'tools'.", "tool_choice", "invalid_value"));
    }

    private static ToolChoice Mode(JsonField mode) => mode.String() switch
    {
        "auto" => ToolChoice.Auto,
        "none" => ToolChoice.None,
        "required" => new ToolChoice(ToolMode.Required),
        var other => throw mode.Refuse($"'{other}' must be 'auto', 'none', 'required' or name a tool.", "invalid_value"),
    };

    private static ToolChoice Named(JsonField function)
    {
        string? name = null;
        foreach (var (key, field) in function.Entries())
            name = key == "name" ? field.String() : throw field.Unknown();
        return new ToolChoice(ToolMode.Required) { Allowed = [name ?? throw JsonField.Missing($"{function.Path}.name")] };
    }

    private static ToolChoice Allowed(JsonField allowed)
    {
        ToolChoice? mode = null;
        ImmutableArray<string> names = default;
        foreach (var (key, field) in allowed.Entries())
        {
            if (key == "mode")
                mode = Mode(field);
            else if (key == "tools")
                names = [.. field.Items().Select(NameIn)];
            else
                throw field.Unknown();
        }

        if (mode is null)
            throw JsonField.Missing($"{allowed.Path}.mode");
        return mode with { Allowed = names.IsDefault ? throw JsonField.Missing($"{allowed.Path}.tools") : names };
    }

    private static string NameIn(JsonField tool)
    {
        foreach (var (key, field) in tool.Entries())
        {
            if (key is "function" or "custom")
                return Named(field).Allowed[0];
            if (key == "name")
                return field.String();
        }

        throw JsonField.Missing($"{tool.Path}.function");
    }
}
