using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Lark;

/// <summary>Regular expressions in grammars of Lark: what Python and Rust, where such grammars are run, both take for a match.</summary>
internal static class LarkDialect
{
    private static readonly Lazy<ExpressionDialect> Made = new(Make);

    /// <summary>The dialect.</summary>
    public static ExpressionDialect Only => Made.Value;

    private static ExpressionDialect Make()
    {
        var space = ExpressionDialect.Ecma.Space.Intersect(CodePoints.Of(0xFEFF).Complement()).Union(CodePoints.Of(0x85));
        return new ExpressionDialect
        {
            Digits = Category("Nd"),
            NoDigits = Category("Nd").Complement(),
            Word = Category("L").Union(Category("Nd")).Union(Category("Nl")).Union(CodePoints.Of('_')),
            NoWord = Category("L").Union(Category("N")).Union(Category("M")).Union(Category("Pc"))
                .Union(CodePoints.Of([(0x200C, 0x200D)])).Complement(),
            Space = space,
            NoSpace = space.Union(CodePoints.Of([(0x1C, 0x1F)])).Complement(),
            Dot = CodePoints.Of('\n').Complement(),
            IsStrict = true,
        };
    }

    private static CodePoints Category(string name) => CodePoints.Category(name)!;
}
