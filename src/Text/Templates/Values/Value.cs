namespace Causerie.Text.Templates.Values;

/// <summary>What a template computes with: a closed set of types, so that no name reaches a .NET object.</summary>
internal abstract class Value
{
    /// <summary>Python's name of the type, for messages.</summary>
    public abstract string TypeName { get; }

    public virtual bool IsTrue => true;

    /// <summary>What len() gives, or null where the type has no length.</summary>
    public virtual int? Length => null;

    /// <summary>The items, or null where the type cannot be iterated.</summary>
    public virtual IEnumerable<Value>? Items => null;

    /// <summary>Whether the value can be a dictionary key.</summary>
    public virtual bool IsHashable => true;

    public virtual bool IsCallable => false;

    public override string ToString() => TypeName;
}

internal sealed class NoneValue : Value
{
    public static readonly NoneValue Instance = new();

    public override string TypeName => "NoneType";

    public override bool IsTrue => false;
}

/// <summary>A missing name, attribute or item: prints as nothing, and raises when it is used further.</summary>
internal sealed class UndefinedValue(string hint) : Value
{
    public string Hint { get; } = hint;

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    public override int? Length => 0;

    public override IEnumerable<Value> Items => [];

    public TemplateException Error() => new(Hint);
}

internal sealed class BoolValue : Value
{
    public static readonly BoolValue True = new(true);
    public static readonly BoolValue False = new(false);

    private BoolValue(bool flag) => Flag = flag;

    public bool Flag { get; }

    public override string TypeName => "bool";

    public override bool IsTrue => Flag;

    public static BoolValue Of(bool flag) => flag ? True : False;
}

internal sealed class IntValue : Value
{
    private static readonly IntValue[] Small = [.. Enumerable.Range(-8, 520).Select(n => new IntValue(n))];

    private IntValue(long number) => Number = number;

    public long Number { get; }

    public override string TypeName => "int";

    public override bool IsTrue => Number != 0;

    public static IntValue Of(long number) =>
        number is >= -8 and < 512 ? Small[number + 8] : new IntValue(number);
}

internal sealed class FloatValue(double number) : Value
{
    public double Number { get; } = number;

    public override string TypeName => "float";

    public override bool IsTrue => Number != 0;
}
