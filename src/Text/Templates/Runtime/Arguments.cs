using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Runtime;

/// <summary>The arguments of one call.</summary>
internal readonly struct Arguments(Value[] positional, KeyValuePair<string, Value>[] named)
{
    public static readonly Arguments None = new([], []);

    public Value[] Positional { get; } = positional;

    public KeyValuePair<string, Value>[] Named { get; } = named;

    public static Arguments Of(params Value[] positional) => new(positional, []);

    /// <summary>[names] values in the order of <paramref name="names"/>; null where an argument was not given.</summary>
    public Value?[] Bind(string function, ReadOnlySpan<string> names, int required = 0)
    {
        if (Positional.Length > names.Length)
            throw new TemplateException(
                $"{function}() takes at most {names.Length} arguments ({Positional.Length} given)");
        var bound = new Value?[names.Length];
        Positional.CopyTo(bound, 0);
        foreach (var (name, value) in Named)
        {
            int index = names.IndexOf(name);
            if (index < 0)
                throw new TemplateException($"{function}() got an unexpected keyword argument '{name}'");
            if (bound[index] is not null)
                throw new TemplateException($"{function}() got multiple values for argument '{name}'");
            bound[index] = value;
        }

        for (int i = 0; i < required; i++)
            if (bound[i] is null)
                throw new TemplateException($"{function}() missing required argument: '{names[i]}'");
        return bound;
    }

    /// <summary>For functions without keywords: between <paramref name="least"/> and <paramref name="most"/> values.</summary>
    public Value[] Only(string function, int least, int most)
    {
        if (Named.Length > 0)
            throw new TemplateException($"{function}() takes no keyword arguments");
        if (Positional.Length < least || Positional.Length > most)
            throw new TemplateException(
                $"{function}() takes from {least} to {most} arguments ({Positional.Length} given)");
        return Positional;
    }

    public Arguments Skip(int count) => new(Positional[Math.Min(count, Positional.Length)..], Named);
}
