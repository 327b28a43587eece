using System.Runtime.InteropServices;

namespace Causerie.Compute.Emitted.Symbols;

/// <summary>Writes the instructions that compute some nodes, each once, into registers.</summary>
/// <param name="code">Where to.</param>
/// <param name="graph">The nodes.</param>
/// <param name="unit">The register that holds the address of the unit.</param>
/// <param name="constants">The graph's constants, written already.</param>
internal sealed class SymbolCode(Assembler code, SymbolGraph graph, Register unit, SymbolConstants constants)
{
    private readonly Dictionary<int, Zmm> _held = [];
    private readonly Dictionary<int, int> _uses = [];
    private readonly Stack<Zmm> _free = [];

    /// <summary>Begins anew: nothing is held in registers.</summary>
    /// <param name="roots">All nodes that will be asked for.</param>
    /// <param name="free">Registers that may be overwritten.</param>
    public void Begin(IEnumerable<int> roots, IEnumerable<Zmm> free)
    {
        _held.Clear();
        _uses.Clear();
        _free.Clear();
        foreach (var register in free.Reverse())
            _free.Push(register);
        foreach (int root in roots)
            Count(root);
    }

    /// <summary>Computes a node.</summary>
    /// <returns>Its register, which is free again with the next node.</returns>
    public Zmm Compute(int node)
    {
        var register = Hold(node, null);
        Used(node);
        return register;
    }

    /// <summary>Computes a node into a register that is not among the free ones.</summary>
    public void Compute(int node, Zmm target)
    {
        var register = Hold(node, target);
        if (register != target || _uses[node] != 1)
            throw new InvalidOperationException("A vector with a register of its own is part of another one.");
        _held.Remove(node);
    }

    private void Count(int node)
    {
        _uses[node] = _uses.GetValueOrDefault(node) + 1;
        var (_, a, b, _) = graph.Nodes[node];
        if (_uses[node] > 1)
            return;
        if (a >= 0)
            Count(a);
        if (b >= 0)
            Count(b);
    }

    private Zmm Hold(int node, Zmm? target)
    {
        if (_held.TryGetValue(node, out var held))
            return held;
        var (operation, a, b, number) = graph.Nodes[node];
        Zmm first = default;
        Source second = default;
        if (a >= 0)
            first = Hold(a, null);
        if (b >= 0)
            second = Operand(b);
        Zmm? table = operation == Operation.Lookup ? Take() : null; // While its operand is still held.
        if (a >= 0)
            Used(a);
        if (b >= 0)
            Used(b);
        var register = target ?? Take();
        if (table is { } entries)
        {
            code.Vbroadcasti32x4(entries, constants.Table(number));
            code.Vpshufb(register, entries, first);
            _free.Push(entries);
        }
        else
        {
            Write(operation, register, first, second, number);
        }

        _held[node] = register;
        return register;
    }

    private Source Operand(int node)
    {
        var (operation, _, _, number) = graph.Nodes[node];
        if (_held.TryGetValue(node, out var held))
            return held;
        return operation switch
        {
            Operation.Constant => Source.SpreadFrom(constants.Of((uint)number)),
            Operation.Load when _uses[node] == 1 => Source.At(new Place(unit, (int)number)),
            _ => Hold(node, null),
        };
    }

    /// <summary>After the last use its register is free, should it have one.</summary>
    private void Used(int node)
    {
        if (--_uses[node] == 0 && _held.Remove(node, out var register))
            _free.Push(register);
    }

    private Zmm Take() => _free.TryPop(out var register)
        ? register
        : throw new InvalidOperationException("Unpacking needs more registers than there are.");

    private void Write(Operation operation, Zmm target, Zmm a, Source b, long number)
    {
        var place = new Place(unit, (int)number);
        switch (operation)
        {
            case Operation.Load: code.Vmovups(target, place); break;
            case Operation.LoadHalves: code.Vpmovzxwd(target, place); break;
            case Operation.LoadBytes: code.Vpmovzxbd(target, place); break;
            case Operation.Constant: code.Vpbroadcastd(target, constants.Of((uint)number)); break;
            case Operation.ShiftLeft: code.Vpslld(target, a, (int)number); break;
            case Operation.ShiftRight: code.Vpsrld(target, a, (int)number); break;
            case Operation.ShiftRightSigned: code.Vpsrad(target, a, (int)number); break;
            case Operation.ToSingle: code.Vcvtdq2ps(target, a); break;
            case Operation.And: code.Vpandd(target, a, b); break;
            case Operation.Or: code.Vpord(target, a, b); break;
            case Operation.Xor: code.Vpxord(target, a, b); break;
            case Operation.Add: code.Vpaddd(target, a, b); break;
            case Operation.Subtract: code.Vpsubd(target, a, b); break;
            case Operation.AddSingles: code.Vaddps(target, a, b); break;
            case Operation.Multiply: code.Vmulps(target, a, b); break;
            default: throw new NotSupportedException($"{operation}");
        }
    }
}

/// <summary>The constants of a graph, in the code before its first instruction.</summary>
internal sealed class SymbolConstants
{
    private const int TableBytes = 16;

    private readonly Dictionary<uint, int> _numbers = [];
    private readonly Dictionary<long, int> _tables = [];

    /// <summary>Writes all constants of the nodes.</summary>
    public SymbolConstants(Assembler code, SymbolGraph graph)
    {
        foreach (var node in graph.Nodes)
            if (node.Operation == Operation.Lookup && _tables.TryAdd(node.Number, code.Position))
                code.Data(Table(node));
        foreach (var node in graph.Nodes)
        {
            uint number = (uint)node.Number;
            if (node.Operation == Operation.Constant && _numbers.TryAdd(number, code.Position))
                code.Data(MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in number)));
        }
    }

    /// <summary>Where a number is.</summary>
    public Place Of(uint number) => new(Register.Rip, _numbers[number]);

    /// <summary>Where a table of sixteen bytes is.</summary>
    /// <param name="address">Where it was.</param>
    public Place Table(long address) => new(Register.Rip, _tables[address]);

    private static unsafe ReadOnlySpan<byte> Table(SymbolGraph.Node node) => new((byte*)node.Number, TableBytes);
}
