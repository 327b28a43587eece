using System.Runtime.CompilerServices;
using System.Text;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Runtime;

/// <summary>One rendering: what it may still spend, and the place in the template where it is.</summary>
internal sealed class Render(TemplateOptions options, DateTime now)
{
    private readonly TemplateLimits _limits = options.Limits;
    private long _steps;
    private long _iterations;
    private long _text;
    private int _depth;

    /// <summary>Offset in the source of what is being evaluated.</summary>
    public int At { get; set; }

    public TemplateLimits Limits => _limits;

    public bool AllowMutation => options.AllowMutation;

    public DateTime Now { get; } = now;

    public void Charge(long steps)
    {
        if ((_steps += steps) > _limits.Steps)
            throw new TemplateException($"The template does more work than {_limits.Steps} steps.");
    }

    public void Iterate(int cost)
    {
        if (++_iterations > _limits.Iterations)
            throw new TemplateException($"The template's loops run more than {_limits.Iterations} times.");
        Charge(cost);
    }

    public void Enter()
    {
        if (++_depth > _limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateException($"Calls or values nest deeper than {_limits.Depth} levels.");
    }

    public void Leave() => _depth--;

    /// <summary>Accounts for a text of this length before it is made.</summary>
    public void Reserve(long length)
    {
        if (length > _limits.Output)
            throw new TemplateException($"A text of {length} characters is longer than the limit of {_limits.Output}.");
        if ((_text += length) > _limits.Text)
            throw new TemplateException($"The template makes more than {_limits.Text} characters of text.");
    }

    public void Append(StringBuilder output, string text)
    {
        if (output.Length + (long)text.Length > _limits.Output)
            throw new TemplateException($"The output is longer than the limit of {_limits.Output} characters.");
        if ((_text += text.Length) > _limits.Text)
            throw new TemplateException($"The template makes more than {_limits.Text} characters of text.");
        output.Append(text);
    }

    public StringValue Text(string text, bool isMarkup = false)
    {
        Reserve(text.Length);
        return new StringValue(text, isMarkup);
    }

    public StringValue Text(StringBuilder text)
    {
        Reserve(text.Length);
        return new StringValue(text.ToString());
    }

    public void CheckItems(long count)
    {
        if (count > _limits.Items)
            throw new TemplateException($"A list of {count} items is longer than the limit of {_limits.Items}.");
        Charge(count);
    }

    /// <summary>A width or precision within the limit; digits of a number cost the square of their count.</summary>
    public int CheckWidth(long width, string what)
    {
        width = Math.Max(LimitWidth(width, what), 0);
        Charge(width + (width * width / 256));
        return (int)width;
    }

    public long LimitWidth(long width, string what) => width <= _limits.Width
        ? width
        : throw new TemplateException($"{what} {width} is wider than the limit of {_limits.Width}.");

    /// <summary>Accounts for reading through a text, where <paramref name="value"/> is one.</summary>
    public void Read(Value value)
    {
        if (value is StringValue s)
            Charge(s.Text.Length / 32);
    }

    /// <summary>Accounts for searching one text in another, which may cost their product.</summary>
    public void Search(string text, string sought) =>
        Charge(1 + (text.Length / 16) + ((long)text.Length * Math.Min(text.Length, sought.Length) / 1024));

    /// <summary>The items of <paramref name="value"/>, each one accounted for.</summary>
    public IEnumerable<Value> Each(Value value)
    {
        var items = value.Items ?? throw new TemplateException($"'{value.TypeName}' object is not iterable");
        return Counted(items);
    }

    public List<Value> ToList(Value value)
    {
        var list = new List<Value>();
        foreach (var item in Each(value))
        {
            if (list.Count >= _limits.Items)
                CheckItems(list.Count + 1L);
            list.Add(item);
        }

        return list;
    }

    private IEnumerable<Value> Counted(IEnumerable<Value> items)
    {
        foreach (var item in items)
        {
            Charge(1);
            yield return item;
        }
    }
}

/// <summary>Where a piece of template runs: its names and the text it writes to.</summary>
internal readonly struct Frame(Render render, Scope scope, StringBuilder output)
{
    public Render Render { get; } = render;

    public Scope Scope { get; } = scope;

    public StringBuilder Output { get; } = output;

    public Frame Inside(Scope scope) => new(Render, scope, Output);

    public Frame Into(StringBuilder output) => new(Render, Scope, output);
}
