using System.Collections.Immutable;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Reads what tools were called before: <c>functions</c>, <c>function_call</c>, and messages of the role <c>function</c>.</summary>
internal static class LegacyFunctions
{
    private const string NoIdYet = "\0";

    /// <summary>The functions that are offered.</summary>
    public static ImmutableArray<ChatTool> Read(JsonField functions)
    {
        var read = ImmutableArray.CreateBuilder<ChatTool>();
        foreach (var function in functions.Items(0, Tools.MostTools))
        {
            foreach (var (key, field) in function.Entries())
            {
                if (key is not ("name" or "description" or "parameters"))
                    throw field.Unknown();
            }

            var its = Tools.Function(function);
            if (read.Any(other => other.Name == its.Name))
                throw function.Refuse($"'{function.Path}' has the name '{its.Name}' of another function.", "invalid_value");
            read.Add(its);
        }

        return read.ToImmutable();
    }

    /// <summary>Whether one of them may, must or must not be called.</summary>
    public static ToolChoice Choice(JsonField choice) => choice.Value.ValueKind == JsonValueKind.String
        ? choice.String() switch
        {
            "auto" => ToolChoice.Auto,
            "none" => ToolChoice.None,
            var other => throw choice.Refuse($"'{other}' must be 'auto', 'none' or name a function.", "invalid_value"),
        }
        : Required(choice);

    /// <summary>Refuses the old names beside the new ones, and a call of a function that is not offered.</summary>
    /// <param name="functions">The functions; default where none were given.</param>
    /// <param name="choice">Which is called; null where nothing was said.</param>
    /// <param name="newer">The newer field that was given; null where none was.</param>
    public static void Check(ImmutableArray<ChatTool> functions, ToolChoice? choice, string? newer)
    {
        if (newer is not null && (choice is not null || !functions.IsDefaultOrEmpty))
        {
            string older = functions.IsDefaultOrEmpty ? "function_call" : "functions";
            throw new RejectedException(Errors.Invalid(
                $"'{older}' and '{newer}' may not be given together: '{older}' is an older name.", older, "invalid_value"));
        }

        foreach (string name in choice?.Allowed ?? [])
        {
            if (functions.IsDefault || functions.All(function => function.Name != name))
                throw new RejectedException(Errors.Invalid($"'function_call' names '{name}', which is none of 'functions'.", "function_call", "invalid_value"));
        }
    }

    /// <summary>The call in a message of the model's; it gets its id by <see cref="WithIds"/>.</summary>
    public static ToolCall Call(JsonField call)
    {
        JsonField? name = null, arguments = null;
        foreach (var (key, field) in call.Entries())
        {
            if (key == "name")
                name = field;
            else if (key == "arguments")
                arguments = field;
            else
                throw field.Unknown();
        }

        return new ToolCall(
            NoIdYet, (name ?? throw JsonField.Missing($"{call.Path}.name")).String(),
            (arguments ?? throw JsonField.Missing($"{call.Path}.arguments")).String());
    }

    /// <summary>Gives calls and results, which went by the function's name alone, the ids that tools have.</summary>
    /// <param name="messages">The messages; a result has the function's name and no id yet.</param>
    /// <param name="field">Where they were read.</param>
    /// <exception cref="RejectedException">A result is of a function that no message before it calls.</exception>
    public static ImmutableArray<ChatMessage> WithIds(ImmutableArray<ChatMessage> messages, JsonField field)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal); // of the latest call of each function
        var with = messages.ToBuilder();
        for (int i = 0; i < with.Count; i++)
        {
            var message = with[i];
            if (message.ToolCalls is [{ Id: NoIdYet } call])
            {
                // Nine letters and digits, which every template that looks at ids lets through.
                ids[call.Name] = $"call{i:D5}";
                with[i] = message with { ToolCalls = [call with { Id = ids[call.Name] }] };
            }
            else if (message is { Role: ChatRole.Tool, ToolCallId: null, Name: { } name })
            {
                with[i] = message with
                {
                    ToolCallId = ids.TryGetValue(name, out string? id) ? id : throw new RejectedException(Errors.Invalid(
                        $"'{field.Path}[{i}]' is the result of the function '{name}', which no message before it calls.",
                        $"{field.Path}[{i}].name", "invalid_value")),
                };
            }
        }

        return with.ToImmutable();
    }

    private static ToolChoice Required(JsonField choice)
    {
        JsonField? name = null;
        foreach (var (key, field) in choice.Entries())
            name = key == "name" ? field : throw field.Unknown();
        return new ToolChoice(ToolMode.Required) { Allowed = [(name ?? throw JsonField.Missing($"{choice.Path}.name")).String()] };
    }
}
